! Substrings of no characters where their length counts.
program p
  call empty
  call implicit_lengths
  call constant_parts
end program
subroutine empty
      character*10 t,u
      integer i,j
      t='abcdefghij'
      i=8
      j=4
      print *, len(t(i:j)), len(t(8:4)), '['//t(i:j)//']', t(i:j), '|'
      print *, len_trim(t(i:j)), len(trim(t(i:j))), index(t,t(i:j))
      call s(t(i:j),3)
      call s(t(i:j)//'x',3)
      u=t(i:j)
      print *, u, t(i:j).eq.' ', ichar('a')
      u='q'//t(i:j)
      print *,u
      write(*,'(a,a,a)') '<',t(i:j),'>'
      print '(a)', t(i:j)
      u=t(j:i)//t(i:j)//t(1:j)
      print *, u
      print *, max(len(t(i:j)),2), t(j:j+i-j)
end subroutine
      subroutine s(c,n)
      character*(*) c
      print *, len(c), '['//c//']'
      end
subroutine implicit_lengths
      implicit character*4 (s), integer (l-m)
      dimension s(3)
      common /c/ sb
      data sd/'abcd'/
      s(1)='abcdef'
      s(2)='xy'
      sb='qwer'
      l=2
      print *, s(1)//s(2)//'|', sb//sd, len(s(1)),len(sb),len(sd)
      call t(s(l),sd)
end subroutine
      subroutine t(a,b)
      character*(*) a,b
      print *, len(a),len(b),a//b
      end
! Parts without characters, and parts of constants.
subroutine constant_parts
      character(4), parameter :: cp='pa  '
      character(5) t1
      character(12) st
      t1='ab cd'
      st=trim(cp)//'x'
      print *, st,'[',trim(cp),']',len(trim(cp)),len_trim(cp)
      st=t1(3:2)//t1(4:3)
      print *, '[',st,']',''//t1(3:2),len(''//t1(3:2))
      st=t1(3:2)//'a'
      print *, '[',st,']'
      write(*,'(a,1x,a)') t1(3:2)//t1(3:2),'x'
      call t(trim(cp)//'y',t1(3:2))
      call t(trim(cp),adjustl(cp))
      print *, index(trim(cp),'a'),cp(2:3),repeat(cp,2),repeat(trim(cp),2),adjustr(cp)
end subroutine
