! NAMELIST read after REWIND, and logical values among its items.
program p
  call all
  call logicals
end program
subroutine all
      integer i,j(3),k(2,2)
      real x
      double precision d
      complex c
      character*8 s,t(2)
      logical l
      namelist /nn/ i,j,k,x,d,c,s,t,l
      i=1
      j=(/1,2,3/)
      k=0
      x=1.5
      d=2.5d0
      c=(1,2)
      s='ab''c'
      t(1)='x'
      t(2)='yz'
      l=.true.
      write(*,nn)
      open(10,file='n.dat')
      write(10,'(a)') ' &nn i=5, j(2)=7, k=1,2,3,4 x=1e3,'
      write(10,'(a)') ' s="it''s", t=2*''qq'', l=F c=(3,4) d=1d-3 /'
      rewind 10
      read(10,nn)
      write(*,nn)
      rewind 10
      write(10,'(a)') ' &nn j=2*5, i=3 ! comment'
      write(10,'(a)') ' k(1:2,1)=8,9 t(2)(2:3)="ab"'
      write(10,'(a)') ' &end'
      rewind 10
      read(10,nn)
      write(*,nml=nn)
      rewind 10
      write(10,'(a)') ' &other a=1 /'
      write(10,'(a)') ' $nn x=4 $end'
      rewind 10
      read(10,nn)
      print *, x
      rewind 10
      write(10,'(a)') ' &nn zz=4 /'
      rewind 10
      read(10,nn,iostat=ios)
      print *, ios
end subroutine
subroutine logicals
      logical l
      complex c
      double precision d
      character*4 s
      namelist /nn/ l,c,d,i,s
      l=.true.
      c=0
      d=0
      i=0
      s='a'
      open(10,file='q')
      write(10,'(a)') ' &nn l=F c=(3,4) i=1/'
      write(10,'(a)') ' &nn l=F d=1 i=2/'
      write(10,'(a)') ' &nn c=(3,4) d=1d-3 i=3/'
      write(10,'(a)') ' &nn l=F s=''x'' i=4/'
      write(10,'(a)') ' &nn l=F, c=(3,4), d=1d-3 i=5/'
      write(10,'(a)') ' &nn c=(5,6), i=6/'
      rewind 10
      do k=1,6
      read(10,nn,iostat=ios)
      print *, ios,l,c,d,i,s
      end do
end subroutine
