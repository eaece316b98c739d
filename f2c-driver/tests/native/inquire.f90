program questions
      character*20 a,b,c,d,e,f,g,h,p,q,r,s,t,u
      logical l, m, n
      integer i, j, k
      do iu = 7, 8
      if (iu .eq. 7) open (7, status='scratch')
      inquire (iu, access=a, sequential=b, direct=c, form=d,& 
 & formatted=e, unformatted=f, blank=g, position=h, action=p,& 
 & read=q, write=r, readwrite=s, delim=t, pad=u, exist=l, opened=m,& 
 & named=n, number=i, recl=j, nextrec=k)
      print *, iu, a, b, c, d, e, f, g, h, p
      print *, q, r, s, t, u, l, m, n, i, j, k
      end do
      inquire (file='nothere', access=a, sequential=b, direct=c, form=d,& 
 & formatted=e, unformatted=f, blank=g, position=h, action=p,& 
 & read=q, write=r, readwrite=s, delim=t, pad=u, exist=l, opened=m,& 
 & named=n, number=i, recl=j, nextrec=k)
      print *, iu, a, b, c, d, e, f, g, h, p
      print *, q, r, s, t, u, l, m, n, i, j, k
      call positions
      call quotes
end program
subroutine positions
      character*20 f, a, s, u, fm, bl, p, ac, de
      open (21, file='inq2.dat', position='rewind', action='readwrite')
      inquire (unit=21, position=p, action=ac, delim=de, pad=f,& 
 & read=a, write=s, readwrite=u, blank=bl, form=fm)
      print *, p, ac, de, f, a, s, u, bl, fm
      write (21, '(a)') 'x'
      inquire (21, position=p)
      print *, p
      p = 'append'
      close (21)
      open (21, file='inq2.dat', position=p, delim='apostrophe')
      write (21, *) 'y'
      rewind 21
      read (21,'(a)') a, s
      print *, a, s
      close (21, status='delete')
      end subroutine
subroutine quotes
      character*5 s
      integer k
      namelist /n/ s, k
      s = 'a''b"c'
      k = 3
      open (10, status='scratch', delim='apostrophe')
      write (10, *) s, 'x', 1, 'y'
      write (10, n)
      rewind 10
      call show
      close (10)
      open (10, status='scratch', delim='quote')
      write (10, *) s, 'x', 1, 'y'
      write (10, n)
      call show
      close (10)
      open (10, status='scratch', delim='none')
      write (10, *) s, 'x', 1, 'y'
      write (10, n)
      call show
      end subroutine
      subroutine show
      character*40 l
      rewind 10
   10 read (10, '(a)', end=20) l
      print *, '|', l, '|'
      goto 10
   20 return
      end
